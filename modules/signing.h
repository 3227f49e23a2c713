/*
 * Signing a form with the firm's key: a page, and the two steps that its script takes.
 *
 * POST "{number}/prepare" names the key's certificate and is answered by what it is to sign:
 *
 *     {"statement": base64, "document": path, "digest": hex, "range": [0, a, b, c], "title": text}
 *
 * The statement is the DER SET of signed attributes (core/seal/outside.h), the digest is SHA-256 over
 * the document's range. POST "{number}/sign" brings the signature and is answered by
 * {"location": path}. What is refused: modules/key.h.
 */
#ifndef ECERT_MODULES_SIGNING_H
#define ECERT_MODULES_SIGNING_H

#include "fcgi/request.h"

extern const struct field signing_key_fields[];
extern const struct field signing_signature_fields[];

/* GET "{number}/sign": the form to be looked at, and the button. */
void signing_ahead(struct request *request, bool queried); /* of its route */
enum outcome signing_page(struct request *request, struct err *err);
/* GET "{number}/form": the form as it was printed. */
enum outcome signing_form(struct request *request, struct err *err);
/* Before either of the two steps: the key's OCSP responder is asked, if it has one. Workers keep
 * what they were told each for itself, so both steps ask. */
enum outcome signing_ask_first(struct request *request, struct err *err);
enum outcome signing_ask_again(struct request *request, struct err *err);
/* POST "{number}/prepare". */
enum outcome signing_prepare(struct request *request, struct err *err);
/* GET "{number}/prepared": the very bytes that are signed, with zeros where the signature will be. */
enum outcome signing_prepared(struct request *request, struct err *err);
/* POST "{number}/sign": takes the signature; sent twice it is answered alike. */
enum outcome signing_sign(struct request *request, struct err *err);

#endif
