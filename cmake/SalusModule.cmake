# salus_module(NAME [CONCURRENT] [DETERMINISTIC] [PARTS n] DEPS module... PACKAGES target...)
#
# Makes the library of one folder of src/ and, from the *_test.cpp beside its sources, one test program.
# A folder's headers are reached as "<folder>/<file>", and only by those that name it in DEPS: each module has an include
# root of its own (a link in the build tree), so an include that is not declared does not compile.
# A *_fuzz.cpp is a fuzz target by its own name; all *_bench.cpp make NAME_bench.
# CONCURRENT: its tests start threads, and run under ThreadSanitizer too.
# DETERMINISTIC: every node must compute the same with it; its tests run in the release build of another compiler too.
# PARTS: its tests take long, and run as so many tests of ctest: first, and at the same time.
# Tests are compiled without optimisation, in a fifth of the time. What they test is optimised where it stands in a .cpp; of what is
# inline in a header a test program links its own copy.
# With SALUS_UNITY a folder's sources are compiled as one unit, and its tests as another: a third of the time. Within a folder,
# names in anonymous namespaces are therefore each used once.
function(salus_module NAME)
  cmake_parse_arguments(M "CONCURRENT;DETERMINISTIC" "PARTS" "DEPS;PACKAGES;TEST_DEPS;TEST_PACKAGES" ${ARGN})
  set(dir "${CMAKE_SOURCE_DIR}/src/${NAME}")
  set(root "${CMAKE_BINARY_DIR}/include/${NAME}")
  file(MAKE_DIRECTORY "${root}")
  file(CREATE_LINK "${dir}" "${root}/${NAME}" SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${dir}/*.cpp" "${dir}/*.hpp")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  set(benches ${sources})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|_fuzz|_bench|/main)\\.cpp$")

  add_library(salus_${NAME} STATIC ${sources})
  set_target_properties(salus_${NAME} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(salus_${NAME} PUBLIC "${root}")
  target_link_libraries(salus_${NAME} PRIVATE salus_flags PUBLIC ${M_PACKAGES})
  foreach(dep ${M_DEPS})
    target_link_libraries(salus_${NAME} PUBLIC salus_${dep})
  endforeach()
  if(SALUS_FUZZ)
    target_compile_options(salus_${NAME} PRIVATE -fsanitize=fuzzer-no-link)
  endif()

  if(SALUS_TESTS AND tests)
    add_executable(${NAME}_test ${tests})
    target_link_libraries(${NAME}_test PRIVATE salus_${NAME} salus_flags GTest::gtest GTest::gmock GTest::gtest_main
                          rapidcheck rapidcheck_gtest ${M_TEST_PACKAGES})
    foreach(dep ${M_TEST_DEPS})
      target_link_libraries(${NAME}_test PRIVATE salus_${dep})
    endforeach()
    target_compile_options(${NAME}_test PRIVATE -O0)
    target_compile_definitions(${NAME}_test PRIVATE SALUS_SHARED_DATA="${CMAKE_SOURCE_DIR}/../shared/data"
                               SALUS_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    set(parts 1)
    if(M_PARTS)
      set(parts ${M_PARTS})
    endif()
    foreach(part RANGE 1 ${parts})
      set(name ${NAME})
      if(M_PARTS)
        set(name ${NAME}.${part})
      endif()
      math(EXPR index "${part} - 1")
      add_test(NAME ${name} COMMAND ${NAME}_test)
      set_tests_properties(${name} PROPERTIES TIMEOUT 900 COST ${parts} ENVIRONMENT
        "GTEST_TOTAL_SHARDS=${parts};GTEST_SHARD_INDEX=${index};GTEST_OUTPUT=json:${CMAKE_BINARY_DIR}/test-results/${name}_test.json")
      foreach(label CONCURRENT DETERMINISTIC)
        if(M_${label})
          string(TOLOWER ${label} text)
          set_property(TEST ${name} APPEND PROPERTY LABELS ${text})
        endif()
      endforeach()
    endforeach()
  endif()

  if(SALUS_UNITY)
    foreach(source ${sources} ${tests})
      get_filename_component(folder "${source}" DIRECTORY)
      file(RELATIVE_PATH folder "${CMAKE_SOURCE_DIR}/src" "${folder}")
      string(MAKE_C_IDENTIFIER "${folder}" folder)
      set_source_files_properties("${source}" PROPERTIES UNITY_GROUP ${folder})
    endforeach()
    foreach(target salus_${NAME} ${NAME}_test)
      if(TARGET ${target})
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
      endif()
    endforeach()
  endif()

  if(SALUS_FUZZ)
    foreach(source ${fuzzers})
      get_filename_component(fuzzer "${source}" NAME_WE)
      add_executable(${fuzzer} "${source}")
      target_link_libraries(${fuzzer} PRIVATE salus_${NAME} salus_flags -fsanitize=fuzzer)
      foreach(dep ${M_TEST_DEPS})
        target_link_libraries(${fuzzer} PRIVATE salus_${dep})
      endforeach()
    endforeach()
  endif()

  # Asked for by name: nobody waits for a benchmark that he does not run.
  if(benches)
    add_executable(${NAME}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${NAME}_bench PRIVATE salus_${NAME} salus_flags benchmark::benchmark)
    foreach(dep ${M_TEST_DEPS})
      target_link_libraries(${NAME}_bench PRIVATE salus_${dep})
    endforeach()
  endif()
endfunction()
