# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package: `cpack -G DEB` in the build folder. A plugin runs in one minor version of
# Wireshark only, so there is one package for each: the minor is in the package's version, and
# dpkg-shlibdeps reads the libwireshark that it must have from the plugin itself.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME wireshark-smtp-session)
set(CPACK_PACKAGE_VENDOR "SMTP Session Analysis")
set(CPACK_PACKAGE_CONTACT "SMTP Session Analysis maintainers <maintainers@smtp-session.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Wireshark plugin that tells the story of SMTP sessions")
set(CPACK_PACKAGE_DESCRIPTION
  "Follows each SMTP, submission and LMTP connection from its first SYN to its
last frame: who waited for whom and for how long, what was said, what became
of each message, and what went wrong. In Wireshark as fields and expert items,
in tshark as reports (-z smtp_session,report).")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGING_INSTALL_PREFIX "${Wireshark_INSTALL_PREFIX}")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_VERSION
  "${PROJECT_VERSION}~ws${Wireshark_MAJOR_VERSION}.${Wireshark_MINOR_VERSION}")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Of the command smtp-session alone.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "python3, tshark, wireshark-common")
set(CPACK_DEBIAN_PACKAGE_ENHANCES "wireshark, tshark")
include(CPack)
