# Takes the static form of the libraries where Debian packages one.
#
# gRPC 1.51 and Abseil are sixty shared libraries: loading and relocating them took 8 of the 10 ms
# that `swell helm template` needs for a small chart (docs/performance.md), and a program that is
# one file is easier to hand on. OpenSSL, libgit2 and libcurl stay shared: the distribution's
# security updates must reach them without a new build.
set(SWELL_SHARED "^lib(ssl|crypto|git2|curl)\\.")

# libgrpc++.so.1.51.1 -> libgrpc++.a beside it, where there is one and it may be taken.
function(swell_static_form path out)
  set(${out} "" PARENT_SCOPE)
  if(path STREQUAL "-lre2")  # how gRPC's configuration names it
    find_library(SWELL_STATIC_RE2 libre2.a)
    if(SWELL_STATIC_RE2)
      set(${out} "${SWELL_STATIC_RE2}" PARENT_SCOPE)
    endif()
    return()
  endif()
  get_filename_component(name "${path}" NAME)
  if(NOT name MATCHES "^lib(.+)\\.so" OR name MATCHES "${SWELL_SHARED}")
    return()
  endif()
  get_filename_component(folder "${path}" DIRECTORY)
  string(REGEX REPLACE "\\.so(\\.[0-9.]*)?$" "" stem "${name}")
  # The version may be part of the name: libluajit-5.1.so, but libgrpc++.so.1.51.1.
  string(REGEX REPLACE "(\\.[0-9]+)+$" "" short "${stem}")
  foreach(name IN ITEMS "${stem}" "${short}")
    if(EXISTS "${folder}/${name}.a")
      set(${out} "${folder}/${name}.a" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# Every imported target of this folder, and the libraries that their interfaces name.
function(swell_prefer_static)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY" AND NOT type STREQUAL "EXECUTABLE")
      foreach(property IMPORTED_LOCATION IMPORTED_LOCATION_NONE IMPORTED_LOCATION_RELEASE)
        get_target_property(location ${target} ${property})
        if(location)
          swell_static_form("${location}" static)
          if(static)
            set_target_properties(${target} PROPERTIES ${property} "${static}")
          endif()
        endif()
      endforeach()
    endif()
    get_target_property(libraries ${target} INTERFACE_LINK_LIBRARIES)
    if(libraries)
      set(changed)
      foreach(library IN LISTS libraries)
        swell_static_form("${library}" static)
        if(static)
          set(library "${static}")
        endif()
        list(APPEND changed "${library}")
      endforeach()
      set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${changed}")
    endif()
  endforeach()
endfunction()
