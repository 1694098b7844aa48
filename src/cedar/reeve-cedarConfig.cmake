# find_package(reeve-cedar) gives reeve::cedar: the language as a static library with what it needs of
# reeve's base. Its users need Boost.JSON at link time, and C++23.
get_filename_component(_reeve_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET reeve::cedar)
  add_library(reeve::base STATIC IMPORTED)
  set_target_properties(reeve::base PROPERTIES
    IMPORTED_LOCATION "${_reeve_prefix}/lib/libreeve_base.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_reeve_prefix}/include/reeve"
    INTERFACE_LINK_LIBRARIES boost_json)
  add_library(reeve::cedar STATIC IMPORTED)
  set_target_properties(reeve::cedar PROPERTIES
    IMPORTED_LOCATION "${_reeve_prefix}/lib/libreeve_cedar.a"
    INTERFACE_LINK_LIBRARIES reeve::base
    INTERFACE_COMPILE_FEATURES cxx_std_23)
endif()
unset(_reeve_prefix)
