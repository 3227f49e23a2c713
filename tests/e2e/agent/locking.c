/*
 * A PKCS#11 module that does what SoftHSM does not: after three wrong passwords in a row it is
 * locked; with LOCKING_KEYPAD it asks for the password itself; while the file LOCKING_OUT exists
 * its token is out of the slot, and while LOCKING_SWAP exists an empty one is in its place. All
 * else is done by the module in LOCKING_MODULE.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <p11-kit/pkcs11.h>

enum { TRIES = 3 };

static CK_FUNCTION_LIST list;
static CK_FUNCTION_LIST *real;
static int wrong;

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **out);

static int is(const char *name)
{
    const char *file = getenv(name);

    return file && access(file, F_OK) == 0;
}

static CK_RV slots(CK_BBOOL present, CK_SLOT_ID *list_of, CK_ULONG *count)
{
    if (!is("LOCKING_OUT"))
        return real->C_GetSlotList(present, list_of, count);
    *count = 0;
    return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *context, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *session)
{
    if (is("LOCKING_OUT"))
        return CKR_TOKEN_NOT_PRESENT;
    return real->C_OpenSession(slot, flags, context, notify, session);
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room,
                  CK_ULONG *count)
{
    CK_RV rv = real->C_FindObjects(session, objects, room, count);

    if (is("LOCKING_SWAP"))
        *count = 0;
    return rv;
}

static CK_RV log_in(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG size)
{
    char *keypad = getenv("LOCKING_KEYPAD");
    CK_RV rv;

    if (wrong >= TRIES)
        return CKR_PIN_LOCKED;
    if (keypad && !pin)
        rv = *keypad ? real->C_Login(session, user, (CK_UTF8CHAR *)keypad, strlen(keypad))
                     : CKR_FUNCTION_CANCELED;
    else
        rv = real->C_Login(session, user, pin, size);
    if (rv == CKR_PIN_INCORRECT)
        wrong++;
    else if (rv == CKR_OK)
        wrong = 0;
    return rv;
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CK_RV rv = real->C_GetTokenInfo(slot, info);

    info->flags &= ~(CK_FLAGS)(CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY);
    if (wrong)
        info->flags |= CKF_USER_PIN_COUNT_LOW;
    if (wrong == TRIES - 1)
        info->flags |= CKF_USER_PIN_FINAL_TRY;
    if (wrong >= TRIES)
        info->flags |= CKF_USER_PIN_LOCKED;
    if (getenv("LOCKING_KEYPAD"))
        info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **out)
{
    void *module = dlopen(getenv("LOCKING_MODULE"), RTLD_NOW);
    CK_C_GetFunctionList get = NULL;
    void *symbol = module ? dlsym(module, "C_GetFunctionList") : NULL;

    memcpy(&get, &symbol, sizeof(get));
    if (!get || get(&real) != CKR_OK)
        return CKR_GENERAL_ERROR;
    list = *real;
    list.C_GetSlotList = slots;
    list.C_OpenSession = open_session;
    list.C_FindObjects = find;
    list.C_Login = log_in;
    list.C_GetTokenInfo = token_info;
    *out = &list;
    return CKR_OK;
}
