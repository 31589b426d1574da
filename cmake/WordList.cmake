# salus_word_list(TARGET): makes "crypto/bip39_english.hpp" in the build tree, for TARGET alone, from the English BIP-39
# list of Debian's python3-mnemonic. The list is pinned by its hash: another order would lose every wallet.
function(salus_word_list TARGET)
  set(list /usr/lib/python3/dist-packages/mnemonic/wordlist/english.txt)
  if(NOT EXISTS "${list}")
    message(FATAL_ERROR "No BIP-39 word list: install python3-mnemonic")
  endif()
  file(SHA256 "${list}" hash)
  if(NOT hash STREQUAL 2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda)
    message(FATAL_ERROR "${list} is not the English list of BIP-39")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${list}")

  file(STRINGS "${list}" words)
  list(JOIN words "\",\n    \"" words)
  set(root "${CMAKE_BINARY_DIR}/generated/${TARGET}")
  file(CONFIGURE OUTPUT "${root}/crypto/bip39_english.hpp" @ONLY CONTENT
"// Made by cmake/WordList.cmake.
#pragma once
#include <array>
#include <string_view>
namespace salus::crypto {
/// Sorted.
inline constexpr std::array<std::string_view, 2048> kBip39English = {
    \"@words@\"};
}  // namespace salus::crypto
")
  target_include_directories(${TARGET} PRIVATE "${root}")
endfunction()
