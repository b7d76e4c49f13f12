# SPDX-License-Identifier: GPL-2.0-or-later
#
# The HTML report's page is part of the program: its files are put together here. The page's
# Content-Security-Policy names the hashes of its one style and one script, so that nothing else runs.
set(page_folder "${CMAKE_CURRENT_LIST_DIR}/page")
set(page_scripts format dom model charts waterfall detail list main)

# SHA-256 in base64, as a Content-Security-Policy wants it.
function(csp_hash result text)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  string(SHA256 hex "${text}")
  # 32 bytes and one of padding: 11 groups of 3 bytes, 4 characters each, the last one "=".
  string(APPEND hex "00")
  set(encoded "")
  foreach(group RANGE 10)
    math(EXPR at "${group} * 6")
    string(SUBSTRING "${hex}" ${at} 6 digits)
    foreach(shift 18 12 6 0)
      math(EXPR index "(0x${digits} >> ${shift}) & 63")
      string(SUBSTRING "${alphabet}" ${index} 1 character)
      string(APPEND encoded "${character}")
    endforeach()
  endforeach()
  string(SUBSTRING "${encoded}" 0 43 encoded)
  set(${result} "${encoded}=" PARENT_SCOPE)
endfunction()

function(read_page_file result name)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${page_folder}/${name}")
  file(READ "${page_folder}/${name}" text)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

read_page_file(page page.html)
read_page_file(page_style page.css)
set(page_script "\"use strict\";\n(() => {\n")
foreach(name ${page_scripts})
  read_page_file(part ${name}.js)
  string(APPEND page_script "${part}\n")
endforeach()
string(APPEND page_script "})();\n")
csp_hash(page_style_hash "${page_style}")
csp_hash(page_script_hash "${page_script}")
string(REPLACE "@style_hash@" "${page_style_hash}" page "${page}")
string(REPLACE "@script_hash@" "${page_script_hash}" page "${page}")
string(REPLACE "@style@" "${page_style}" page "${page}")
string(REPLACE "@script@" "${page_script}" page "${page}")
string(FIND "${page}" "@sessions@" page_split)
string(SUBSTRING "${page}" 0 ${page_split} page_head)
string(LENGTH "@sessions@" page_mark)
math(EXPR page_split "${page_split} + ${page_mark}")
string(SUBSTRING "${page}" ${page_split} -1 page_tail)
# The data is a list.
string(APPEND page_head "[")
string(PREPEND page_tail "\n]")
configure_file("${CMAKE_CURRENT_LIST_DIR}/page_data.cpp.in"
  "${CMAKE_CURRENT_BINARY_DIR}/page_data.cpp" @ONLY)
