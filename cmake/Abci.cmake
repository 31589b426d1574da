# salus_abci(): the library of what CometBFT and the application say to one another, made by protoc. Generated code is not held to
# our warnings, and its header is a SYSTEM one: <abci.pb.h>.
function(salus_abci)
  set(source "${CMAKE_SOURCE_DIR}/src/consensus/cometbft/abci.proto")
  set(root "${CMAKE_BINARY_DIR}/generated/abci")
  file(MAKE_DIRECTORY "${root}")
  add_custom_command(OUTPUT "${root}/abci.pb.cc" "${root}/abci.pb.h"
    COMMAND protobuf::protoc --cpp_out "${root}" --proto_path "${CMAKE_SOURCE_DIR}/src/consensus/cometbft" "${source}"
    DEPENDS "${source}" VERBATIM)
  add_library(salus_abci STATIC "${root}/abci.pb.cc" "${root}/abci.pb.h")
  target_include_directories(salus_abci SYSTEM PUBLIC "${root}")
  target_link_libraries(salus_abci PUBLIC protobuf::libprotobuf)
endfunction()
