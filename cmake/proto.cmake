# proto/swell/v1/*.proto -> library "proto" (messages and gRPC stubs).
file(GLOB SWELL_PROTOS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/swell/v1/*.proto)
set(generated ${CMAKE_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated})
if(SWELL_PROTOS)
  add_library(proto STATIC ${SWELL_PROTOS})
  # CMake's protobuf_generate keeps the folder below the project: proto/proto/swell/v1.
  target_include_directories(proto SYSTEM PUBLIC ${generated}/proto ${generated}/proto/proto)
  file(MAKE_DIRECTORY ${generated}/proto/proto)
  target_link_libraries(proto PUBLIC protobuf::libprotobuf gRPC::grpc++)
  protobuf_generate(TARGET proto LANGUAGE cpp IMPORT_DIRS ${CMAKE_SOURCE_DIR}/proto
                    PROTOC_OUT_DIR ${generated}/proto)
  get_target_property(grpc_plugin gRPC::grpc_cpp_plugin LOCATION)
  protobuf_generate(TARGET proto LANGUAGE grpc GENERATE_EXTENSIONS .grpc.pb.h .grpc.pb.cc
                    PLUGIN "protoc-gen-grpc=${grpc_plugin}"
                    IMPORT_DIRS ${CMAKE_SOURCE_DIR}/proto PROTOC_OUT_DIR ${generated}/proto)
  target_compile_options(proto PRIVATE -w)
else()
  add_library(proto INTERFACE)
endif()
