# One library per folder: every source in it, linked to the floors and packages named.
function(axonhub_library folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(axonhub_${folder} STATIC ${sources})
    target_link_libraries(axonhub_${folder} PRIVATE axonhub_flags)
    target_link_libraries(axonhub_${folder} PUBLIC ${ARGN})
    target_include_directories(axonhub_${folder} PUBLIC ${PROJECT_SOURCE_DIR})
    target_compile_definitions(axonhub_${folder} PUBLIC ${AXONHUB_ASIO_DEFINITIONS})
  else()
    add_library(axonhub_${folder} INTERFACE)
    target_link_libraries(axonhub_${folder} INTERFACE ${ARGN})
  endif()
endfunction()

# The unit tests of one folder: tests/unit/<folder>/*_test.cpp in one program.
function(axonhub_unit_tests folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(unit_${folder} ${sources})
  target_link_libraries(unit_${folder} PRIVATE axonhub_${folder} axonhub_flags ${ARGN} GTest::gmock
                                               GTest::gtest_main)
  target_compile_definitions(
    unit_${folder} PRIVATE AXONHUB_FIXTURES="${PROJECT_SOURCE_DIR}/tests/fixtures")
  # What is tested is optimised; the tests themselves only have to compile fast.
  target_compile_options(unit_${folder} PRIVATE $<$<CONFIG:Release>:-O0;-U_FORTIFY_SOURCE>)
  add_test(NAME unit_${folder} COMMAND unit_${folder})
  set_tests_properties(unit_${folder} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

# Parses the heavy headers of Asio and CAF once for a target whose sources nearly all need them.
function(axonhub_precompile target)
  if(TARGET ${target})
    target_precompile_headers(${target} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp)
    target_compile_options(${target} PRIVATE -fpch-preprocess) # lets ccache see through it
  endif()
endfunction()
