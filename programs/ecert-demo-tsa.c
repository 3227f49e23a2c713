/*
 * ecert-demo-tsa: a timestamp authority (RFC 3161) for demonstrations and tests.
 *
 * It answers on 127.0.0.1 only, to whoever asks, by OpenSSL's own authority under a key that is a
 * plain file. It keeps no record of what it stamped: an authority that is to be believed does.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "core/seal/openssl.h"
#include "programs/exit.h"

#define PROGRAM "ecert-demo-tsa"
/* Of the arc that anybody may use for examples (2.999). */
#define POLICY "2.999.3161.1"

enum {
    QUESTION_MAX = 4096,
    CHAIN_MAX = 8,
    CONNECTIONS = 64,
    IDLE_S = 60,
    CONNECTION_BYTES = 16 * 1024,
    SERIAL_SIZE = 16,
    PORT_LEAST = 1,
    PORT_MOST = 65535
};

static const char usage[] =
    "usage: " PROGRAM " PORT CERTIFICATE KEY\n"
    "\n"
    "A timestamp authority (RFC 3161) for demonstrations, on 127.0.0.1. CERTIFICATE is a PEM\n"
    "file: the authority's own, then its chain; KEY is its plain PEM key. SIGTERM ends it.\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 key or certificate.\n";

/* A question on its way in. */
struct question {
    uint8_t data[QUESTION_MAX];
    size_t size;
    bool overflow;
};

static ASN1_INTEGER *next_serial(TS_RESP_CTX *authority, void *data)
{
    uint8_t bytes[SERIAL_SIZE];
    BIGNUM *number;
    ASN1_INTEGER *serial;

    (void)authority;
    (void)data;
    random_bytes(bytes, sizeof(bytes));
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    serial = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
    BN_free(number);
    return serial;
}

static EVP_PKEY *read_key(const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, openssl_no_password, NULL) : NULL;

    if (file)
        fclose(file);
    if (!key)
        openssl_err(err, ERR_CONFIG, "no plain PEM private key in %s", path);
    return key;
}

static int authority_set(TS_RESP_CTX *authority, STACK_OF(X509) *chain, EVP_PKEY *key,
                         struct err *err)
{
    X509 *certificate = sk_X509_shift(chain);
    ASN1_OBJECT *policy = OBJ_txt2obj(POLICY, 1);
    int result = 0;

    if (!X509_check_private_key(certificate, key))
        result = openssl_err(err, ERR_CONFIG, "key and certificate don't match");
    else if (!policy || !TS_RESP_CTX_set_signer_cert(authority, certificate) ||
             !TS_RESP_CTX_set_signer_key(authority, key) ||
             !TS_RESP_CTX_set_signer_digest(authority, EVP_sha256()) ||
             !TS_RESP_CTX_set_ess_cert_id_digest(authority, EVP_sha256()) ||
             !TS_RESP_CTX_set_certs(authority, chain) ||
             !TS_RESP_CTX_set_def_policy(authority, policy) ||
             !TS_RESP_CTX_set_accuracy(authority, 1, 0, 0) ||
             !TS_RESP_CTX_add_md(authority, EVP_sha256()) ||
             !TS_RESP_CTX_add_md(authority, EVP_sha384()) ||
             !TS_RESP_CTX_add_md(authority, EVP_sha512()))
        result = openssl_err(err, ERR_CONFIG, "the certificate is not for timestamps");
    TS_RESP_CTX_add_flags(authority, TS_TSA_NAME);
    TS_RESP_CTX_set_serial_cb(authority, next_serial, NULL);
    ASN1_OBJECT_free(policy);
    X509_free(certificate);
    return result;
}

static int authority_open(const char *certificates, const char *key_path, TS_RESP_CTX **authority,
                          struct err *err)
{
    STACK_OF(X509) *chain = NULL;
    EVP_PKEY *key = NULL;
    int result = -1;

    *authority = TS_RESP_CTX_new();
    if (!*authority)
        err_fatal("out of memory");
    if (openssl_read_certificates(certificates, CHAIN_MAX, &chain, err) == 0 &&
        (key = read_key(key_path, err)) != NULL)
        result = authority_set(*authority, chain, key, err);
    EVP_PKEY_free(key);
    sk_X509_pop_free(chain, X509_free);
    return result;
}

static enum MHD_Result send_bytes(struct MHD_Connection *connection, unsigned status,
                                  const char *type, const void *data, size_t size)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        size, (void *)(uintptr_t)data, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result sent;

    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    sent = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return sent;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *why)
{
    return send_bytes(connection, status, "text/plain", why, strlen(why));
}

/* OpenSSL answers what is no question, or asks for what it can't have, by a refusal of its own. */
static enum MHD_Result stamp(TS_RESP_CTX *authority, struct MHD_Connection *connection,
                             const struct question *question)
{
    BIO *bio = BIO_new_mem_buf(question->data, (int)question->size);
    TS_RESP *answer = bio ? TS_RESP_create_response(authority, bio) : NULL;
    uint8_t *der = NULL;
    int size = answer ? i2d_TS_RESP(answer, &der) : -1;
    enum MHD_Result sent;

    if (size > 0)
        sent = send_bytes(connection, MHD_HTTP_OK, "application/timestamp-reply", der,
                          (size_t)size);
    else
        sent = refuse(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "no timestamp\n");
    OPENSSL_free(der);
    TS_RESP_free(answer);
    BIO_free(bio);
    openssl_forget();
    return sent;
}

static bool is_query(struct MHD_Connection *connection)
{
    const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                                   MHD_HTTP_HEADER_CONTENT_TYPE);

    return type && strcmp(type, "application/timestamp-query") == 0;
}

static void take(struct question *question, const char *data, size_t size)
{
    if (size > sizeof(question->data) - question->size) {
        question->overflow = true;
        return;
    }
    memcpy(question->data + question->size, data, size);
    question->size += size;
}

/* Called with the head, then with each piece of the body, then at its end. */
static enum MHD_Result serve(void *authority, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **state)
{
    struct question *question = *state;

    (void)url;
    (void)version;
    if (!question) {
        *state = calloc(1, sizeof(*question));
        return *state ? MHD_YES : MHD_NO;
    }
    if (*size > 0) {
        take(question, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "POST a timestamp query\n");
    if (!is_query(connection))
        return refuse(connection, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "not a timestamp query\n");
    if (question->overflow)
        return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, "too long a timestamp query\n");
    return stamp(authority, connection, question);
}

static void served(void *authority, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode how)
{
    (void)authority;
    (void)connection;
    (void)how;
    free(*state);
    *state = NULL;
}

/* One thread serves all: OpenSSL's authority is not for several. */
static int run(uint16_t port, TS_RESP_CTX *authority, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct MHD_Daemon *daemon;
    sigset_t signals;
    int signal;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD, port, NULL, NULL, serve, authority,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
        MHD_OPTION_NOTIFY_COMPLETED, served, NULL, MHD_OPTION_END);
    if (!daemon)
        return err_set(err, ERR_SYSTEM, 0, "cannot listen on 127.0.0.1:%u", (unsigned)port);
    log_event(LOG_INFO, "start", log_int("port", port));
    sigwait(&signals, &signal);
    MHD_stop_daemon(daemon);
    log_event(LOG_INFO, "end", log_int("signal", signal));
    return 0;
}

int main(int argc, char **argv)
{
    TS_RESP_CTX *authority = NULL;
    struct err err = {0};
    int64_t port;
    int code = EXIT_DONE;

    log_open(PROGRAM, LOG_INFO, STDERR_FILENO);
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("ecert %s\n", ECERT_VERSION);
        return EXIT_DONE;
    }
    if (argc != 4 || !parse_int(argv[1], PORT_LEAST, PORT_MOST, &port)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (authority_open(argv[2], argv[3], &authority, &err) < 0)
        code = EXIT_CONFIG;
    else if (run((uint16_t)port, authority, &err) < 0)
        code = EXIT_FAILED;
    if (code != EXIT_DONE)
        log_err("end", NULL, &err);
    TS_RESP_CTX_free(authority);
    return code;
}
