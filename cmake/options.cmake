set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g0")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# What every target of ours compiles and links with.
add_library(axonhub_flags INTERFACE)
target_include_directories(axonhub_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(axonhub_flags INTERFACE -Wall -Wextra -Werror -fstack-protector-strong)
# A thread's heap is quicker than Asio's cache of coroutine frames, and gives memory back.
set(AXONHUB_ASIO_DEFINITIONS BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
                             BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
target_compile_definitions(axonhub_flags INTERFACE ${AXONHUB_ASIO_DEFINITIONS}
                                                   AXONHUB_VERSION="${PROJECT_VERSION}")
target_compile_options(axonhub_flags INTERFACE -fPIE)
target_link_options(axonhub_flags INTERFACE -pie -Wl,-z,relro,-z,now)
find_program(MOLD mold)
if(MOLD)
  target_link_options(axonhub_flags INTERFACE -fuse-ld=mold)
endif()
if(AXONHUB_SANITIZE)
  target_compile_options(axonhub_flags INTERFACE -fsanitize=${AXONHUB_SANITIZE}
                                                 -fno-omit-frame-pointer)
  target_link_options(axonhub_flags INTERFACE -fsanitize=${AXONHUB_SANITIZE})
  if(AXONHUB_SANITIZE STREQUAL "thread")
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK) # fences: g++ cannot follow them there
    target_compile_options(axonhub_flags INTERFACE -Wno-tsan)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(axonhub_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
