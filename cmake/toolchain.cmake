# How everything is compiled and linked: warnings, sanitizers, ccache, mold.
include_directories(${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)

find_program(SWELL_CCACHE ccache)
if(SWELL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Build folders share the cache: without debug paths the folder does not matter.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${SWELL_CCACHE})
endif()
find_program(SWELL_MOLD mold)
if(SWELL_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wnon-virtual-dtor -Wno-missing-field-initializers
                    -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms on std::string operators at -O2 (GCC bug 105651).
  add_compile_options(-Wno-restrict)
endif()
if(SWELL_WERROR)
  add_compile_options(-Werror)
endif()
if(SWELL_SANITIZE)
  add_compile_options(-fsanitize=${SWELL_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SWELL_SANITIZE})
endif()
set(THREADS_PREFER_PTHREAD_FLAG ON)
