# The three programs: each main.cc is a few lines over its room.
function(swell_program name main)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${main})
    add_executable(${name} ${main})
    target_link_libraries(${name} PRIVATE ${ARGN})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  endif()
endfunction()

swell_program(swelld server/main.cc server)
swell_program(swell cli/main.cc cli_commands)
swell_program(swell-sandbox server/sandbox/main.cc server_sandbox)
