# What configure.ac needs beyond autoconf: one list of what is missing, and flags that are taken
# only where compiler and linker know them.

# ECERT_MISSING(WHAT, DEBIAN-PACKAGE): notes it for ECERT_REPORT.
AC_DEFUN([ECERT_MISSING], [
  ecert_missing="$ecert_missing
    $1: apt-get install $2"
  ecert_missing_packages="$ecert_missing_packages $2"
])

# ECERT_REPORT: ends with everything that is missing, at once.
AC_DEFUN([ECERT_REPORT], [
  AS_IF([test -n "$ecert_missing"], [
    AC_MSG_ERROR([these are missing:
$ecert_missing

all of them on Debian 12:
    apt-get install --no-install-recommends$ecert_missing_packages])
  ])
])

# ECERT_LIBRARY(VARIABLE, HEADER, LIBRARY, FUNCTION, DEBIAN-PACKAGE, [OTHER-LIBRARIES]):
# a library without a pkg-config file. Sets VARIABLE_LIBS.
AC_DEFUN([ECERT_LIBRARY], [
  ecert_found=yes
  AC_CHECK_HEADER([$2], [], [ecert_found=no])
  AC_CHECK_LIB([$3], [$4], [:], [ecert_found=no], [$6])
  AS_IF([test $ecert_found = yes], [$1_LIBS="-l$3 $6"], [ECERT_MISSING([$2 with -l$3], [$5])])
  AC_SUBST([$1_LIBS])
])

# ECERT_MODULE(VARIABLE, PKG-CONFIG-MODULE, DEBIAN-PACKAGE): sets VARIABLE_CFLAGS, VARIABLE_LIBS.
AC_DEFUN([ECERT_MODULE], [
  PKG_CHECK_MODULES([$1], [$2], [], [ECERT_MISSING([$2], [$3])])
])

# ECERT_COMPILE_FLAG(VARIABLE, FLAG), ECERT_LINK_FLAG(VARIABLE, FLAG): append FLAG where it works.
AC_DEFUN([ECERT_FLAG_], [
  AC_MSG_CHECKING([for $2])
  ecert_cflags=$CFLAGS
  CFLAGS="$CFLAGS -Werror $2"
  $3([AC_LANG_PROGRAM([[#include <string.h>]], [[]])],
     [AC_MSG_RESULT([yes]); $1="$$1 $2"],
     [AC_MSG_RESULT([no])])
  CFLAGS=$ecert_cflags
])
AC_DEFUN([ECERT_COMPILE_FLAG], [ECERT_FLAG_([$1], [$2], [AC_COMPILE_IFELSE])])
AC_DEFUN([ECERT_LINK_FLAG], [ECERT_FLAG_([$1], [$2], [AC_LINK_IFELSE])])
