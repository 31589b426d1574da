# Flags that hold for every target: warnings are errors, ccache and mold where they are present.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# Interface for our own code only: headers of packages are SYSTEM and not held to it.
add_library(salus_flags INTERFACE)
# Warnings are errors, but not in a user's build by a later gcc: its optimiser warns of what is no fault, anew in each version.
target_compile_options(salus_flags INTERFACE
  $<$<NOT:$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>,$<VERSION_GREATER:$<CXX_COMPILER_VERSION>,13>>>:-Werror>
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wconversion -Wsign-conversion -Wold-style-cast
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # gcc 12 reports these on libstdc++'s own inlined code at -O2, and linkage of a source's own types when it is part of a unit.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-free-nonheap-object -Wno-subobject-linkage -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-maybe-uninitialized -Wno-dangling-pointer>)
find_package(Threads REQUIRED)
target_link_libraries(salus_flags INTERFACE Threads::Threads)

if(SALUS_SANITIZE)
  add_compile_options(-fsanitize=${SALUS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SALUS_SANITIZE})
endif()
