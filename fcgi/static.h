/*
 * The version of the static files, for the addresses under /static/: it changes when they do.
 */
#ifndef ECERT_FCGI_STATIC_H
#define ECERT_FCGI_STATIC_H

struct err;

enum { STATIC_VERSION_SIZE = 17 };

/* Hash of names and contents below <templates>/static; "0" where there is no such folder. 0/-1. */
int static_version(const char *templates, char version[STATIC_VERSION_SIZE], struct err *err);

#endif
