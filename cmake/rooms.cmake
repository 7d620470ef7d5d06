# The map of the house: every room and the rooms it may include, in the order in
# which data flows. A room includes nothing of ours outside this list;
# tests/architecture fails otherwise.

# base: knows nothing of Kubernetes, Git or gRPC.
swell_room(base/core LIBS OpenSSL::Crypto Threads::Threads)
swell_room(base/text DEPS base/core LIBS PkgConfig::re2 absl::time)
swell_room(base/value DEPS base/core base/text LIBS PkgConfig::libyaml yaml-cpp)
swell_room(base/runtime DEPS base/core)
swell_room(base/telemetry DEPS base/core LIBS spdlog::spdlog)
swell_room(base/net DEPS base/core base/text base/runtime base/telemetry
           LIBS OpenSSL::SSL PkgConfig::libnghttp2 ZLIB::ZLIB)
swell_room(base/fetch DEPS base/core base/runtime base/net LIBS ${CMAKE_DL_LIBS})

# renderer: pure; files in, manifests out.
swell_room(renderer/source DEPS base/core base/text LIBS ZLIB::ZLIB)
swell_room(renderer/object DEPS base/core base/text base/value)
swell_room(renderer/schema DEPS base/core base/value renderer/object)
swell_room(renderer/jsonschema DEPS base/core base/text base/value)
swell_room(renderer/ambient DEPS base/core base/value)
swell_room(renderer/gotemplate DEPS base/core base/text base/value)
swell_room(renderer/funcs DEPS base/core base/text base/value renderer/ambient renderer/gotemplate
           LIBS crypt)
swell_room(renderer/helm DEPS base/core base/text base/value renderer/source renderer/object
           renderer/jsonschema renderer/ambient renderer/gotemplate renderer/funcs)
swell_room(renderer/kustomize/transforms DEPS base/core base/text base/value renderer/object
           renderer/schema)
swell_room(renderer/kustomize DEPS base/core base/text base/value renderer/source renderer/object
           renderer/schema renderer/ambient renderer/helm renderer/kustomize/transforms)
swell_room(renderer/pipeline DEPS base/core base/text base/value renderer/source renderer/object
           renderer/ambient renderer/gotemplate renderer/funcs renderer/helm renderer/kustomize)

# reconciler: the domain and its decisions, then its hands.
swell_room(reconciler/domain DEPS base/core base/text base/value renderer/source renderer/object
           renderer/ambient renderer/pipeline)
swell_room(reconciler/health/lua DEPS base/core base/text base/value LIBS PkgConfig::luajit)
swell_room(reconciler/health DEPS base/core base/text base/value renderer/object reconciler/domain
           reconciler/health/lua)
swell_room(reconciler/diff DEPS base/core base/text base/value renderer/object renderer/schema
           reconciler/domain)
swell_room(reconciler/plan DEPS base/core base/value renderer/object renderer/schema renderer/pipeline
           reconciler/domain reconciler/diff)
swell_room(reconciler/heal DEPS base/core base/value renderer/object reconciler/domain)
swell_room(reconciler/fleet DEPS base/core base/value reconciler/domain)
swell_room(reconciler/gate DEPS base/core base/text base/value reconciler/domain reconciler/fleet)
swell_room(reconciler/report DEPS base/core base/text base/value renderer/object reconciler/domain reconciler/plan
           reconciler/gate)
swell_room(reconciler/rollout DEPS base/core base/value reconciler/domain)
swell_room(reconciler/git DEPS base/core base/text base/telemetry renderer/source reconciler/domain
           LIBS PkgConfig::libgit2 OpenSSL::Crypto ${CMAKE_DL_LIBS})
swell_room(reconciler/charts DEPS base/core base/text base/value base/runtime base/net base/fetch
           renderer/source renderer/helm reconciler/domain)
swell_room(reconciler/remotes DEPS base/core base/text base/runtime base/net base/fetch renderer/source
           renderer/ambient reconciler/domain reconciler/charts)
swell_room(reconciler/kube DEPS base/core base/text base/value base/runtime base/telemetry base/net
           renderer/object reconciler/domain)
swell_room(reconciler/live DEPS base/core base/text base/value base/runtime base/telemetry base/net
           renderer/object renderer/ambient reconciler/domain reconciler/health reconciler/kube)
swell_room(reconciler/apply DEPS base/core base/value base/runtime base/telemetry base/net
           renderer/object reconciler/domain reconciler/health reconciler/diff reconciler/plan reconciler/kube
           reconciler/live)
swell_room(reconciler/gates DEPS base/core base/text base/value base/runtime base/net base/fetch
           reconciler/domain reconciler/health reconciler/kube reconciler/live)

# proto: the wire contract; generated code, included by server/api and cli alone.
include(proto)

# server: state, loops and doors.
swell_room(server/config DEPS base/core base/text base/value base/telemetry)
swell_room(server/auth DEPS base/core base/text base/value server/config LIBS OpenSSL::Crypto)
swell_room(server/store DEPS base/core base/text base/value base/runtime base/telemetry
           renderer/object renderer/pipeline reconciler/domain reconciler/plan reconciler/rollout
           server/auth LIBS SQLite::SQLite3 PkgConfig::zstd)
swell_room(server/control DEPS base/core base/text base/value base/runtime base/telemetry base/net
           renderer/source renderer/object renderer/schema renderer/ambient renderer/pipeline reconciler/domain
           reconciler/health reconciler/diff reconciler/plan reconciler/heal reconciler/fleet reconciler/gate
           reconciler/gates
           reconciler/rollout reconciler/git reconciler/charts reconciler/remotes reconciler/kube reconciler/live
           reconciler/apply reconciler/report
           server/config server/store)
swell_room(server/http DEPS base/core base/text base/value base/runtime base/telemetry base/net
           reconciler/domain server/control)
swell_room(server/api DEPS base/core base/text base/value base/runtime base/telemetry proto
           renderer/object renderer/pipeline reconciler/domain reconciler/plan reconciler/heal reconciler/gate
           reconciler/rollout reconciler/live reconciler/report server/config server/store server/control
           LIBS gRPC::grpc++_reflection)
swell_room(server/sandbox DEPS base/core base/text base/value base/runtime base/telemetry base/net
           renderer/object renderer/schema)
swell_room(server DEPS base/core base/runtime base/telemetry base/net reconciler/domain server/config
           server/auth server/store server/control server/http server/api)

# cli
swell_room(cli/output DEPS base/core base/text base/value)
swell_room(cli/commands DEPS base/core base/text base/value proto renderer/source renderer/object
           renderer/schema renderer/ambient renderer/helm renderer/kustomize renderer/pipeline
           reconciler/domain reconciler/diff reconciler/health reconciler/fleet reconciler/git
           reconciler/charts reconciler/remotes cli/output)

# Where renders spend their time: a tenth less of it for a large chart.
if(CMAKE_CXX_FLAGS MATCHES "-O2")
  foreach(room base_text base_value renderer_gotemplate)
    # g++ 12 takes more of the standard library for uninitialised the more it inlines.
    target_compile_options(${room} PRIVATE -O3 -Wno-maybe-uninitialized)
  endforeach()
endif()
