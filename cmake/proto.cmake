# proto/swell/v1/*.proto -> library "proto" (messages and gRPC stubs).
file(GLOB SWELL_PROTOS CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/proto
     ${CMAKE_SOURCE_DIR}/proto/swell/v1/*.proto)
set(generated ${CMAKE_BINARY_DIR}/generated/proto)
file(MAKE_DIRECTORY ${generated})
get_target_property(grpc_plugin gRPC::grpc_cpp_plugin LOCATION)
# Not by protobuf_generate, which names files from the project's root: what imports another file
# would not find it under its name.
set(sources)
foreach(proto ${SWELL_PROTOS})
  string(REGEX REPLACE "[.]proto$" "" name ${generated}/${proto})
  set(outputs ${name}.pb.cc ${name}.pb.h ${name}.grpc.pb.cc ${name}.grpc.pb.h)
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR}/proto --cpp_out=${generated}
            --grpc_out=${generated} --plugin=protoc-gen-grpc=${grpc_plugin} ${proto}
    DEPENDS ${CMAKE_SOURCE_DIR}/proto/${proto} VERBATIM)
  list(APPEND sources ${outputs})
endforeach()
add_library(proto STATIC ${sources})
target_include_directories(proto SYSTEM PUBLIC ${generated})
target_link_libraries(proto PUBLIC protobuf::libprotobuf gRPC::grpc++)
target_compile_options(proto PRIVATE -w)
