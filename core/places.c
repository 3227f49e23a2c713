#include "core/places.h"

#include <inttypes.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"

const char *place_of(struct pool *pool, const char *place, uint64_t owner)
{
    return pool_printf(pool, "%s/%" PRIu64, place, owner);
}

const char *place_of_hash(struct pool *pool, const char *place, const uint8_t hash[VAULT_HASH_SIZE])
{
    char hex[2 * VAULT_HASH_SIZE + 1];

    hex_encode(hash, VAULT_HASH_SIZE, hex);
    return pool_printf(pool, "%s/%s", place, hex);
}

int id_no_open(const struct vault *vault, struct pool *pool, struct bytes box, struct bytes *plain,
               struct err *err)
{
    if (box.size < VAULT_HASH_SIZE)
        return err_set(err, ERR_CRYPTO, 0, "a document number of %zu bytes", box.size);
    const struct bytes sealed = {box.data + VAULT_HASH_SIZE, box.size - VAULT_HASH_SIZE};
    return vault_open(vault, pool, place_of_hash(pool, PLACE_PERSON_ID_NO, box.data), sealed, plain,
                      err);
}
