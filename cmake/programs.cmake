# The three programs: each main.cc is a few lines over its room.
function(swell_program name main)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${main})
    add_executable(${name} ${main})
    target_link_libraries(${name} PRIVATE ${ARGN})
    # A room may link a library of which a program uses nothing.
    target_link_options(${name} PRIVATE -Wl,--as-needed)
    if(NOT SWELL_SANITIZE)
      target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
    endif()
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  endif()
endfunction()

# The heap of programs that allocate on many threads at once (docs/decisions/0014). Sanitizers bring
# their own.
if(SWELL_SANITIZE)
  set(SWELL_HEAP_DEFINITION)
  set(SWELL_HEAP)
else()
  set(SWELL_HEAP_DEFINITION SWELL_MIMALLOC)
  set(SWELL_HEAP -Wl,--push-state,--no-as-needed,$<TARGET_FILE:mimalloc>,--pop-state)
endif()

# libcurl and libgit2 are loaded when they are needed (base/fetch/curl_library.h,
# reconciler/git/library.h). That swelld names them, though it calls nothing in them directly, keeps
# packages and images from forgetting them.
swell_program(swelld server/main.cc server ${SWELL_HEAP}
              -Wl,--push-state,--no-as-needed,${libcurl_LINK_LIBRARIES},${libgit2_LINK_LIBRARIES},--pop-state)
target_compile_definitions(swelld PRIVATE ${SWELL_HEAP_DEFINITION})
swell_program(swell cli/main.cc cli_commands base_core)
swell_program(swell-sandbox server/sandbox/main.cc server_sandbox)

# A client that starts a thousand times a day: OpenSSL's relocations and those of a
# position-independent program were a third of a small render (docs/decisions/0009).
if(NOT SWELL_SANITIZE)
  set_property(TARGET swell PROPERTY RULE_LAUNCH_LINK
               ${CMAKE_SOURCE_DIR}/cmake/link_static_openssl.sh)
  target_link_options(swell PRIVATE -no-pie -Wl,--exclude-libs,ALL)
  target_compile_definitions(swell PRIVATE SWELL_QUICK_HEAP)
  if(SWELL_MOLD)
    # As other linkers do by themselves: what runs once at start lies together, which saves a fifth
    # of the page faults of a small render.
    target_link_options(swell PRIVATE -Wl,-z,keep-text-section-prefix)
  endif()
endif()

if(SWELL_BENCH)
  swell_program(swell-bench-apply tests/bench/apply_load.cc reconciler_kube)
endif()
if(SWELL_BENCH OR SWELL_TESTS)
  # As swelld is built, since tests/bench/fleet.py compares the two.
  swell_program(swell-bench-fleet tests/bench/fleet_load.cc reconciler_kube ${SWELL_HEAP})
  target_compile_definitions(swell-bench-fleet PRIVATE ${SWELL_HEAP_DEFINITION})
endif()
