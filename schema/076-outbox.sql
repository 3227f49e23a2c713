CREATE TABLE outbox (
    id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    event          ENUM('confirm', 'ready', 'changed', 'refused', 'left', 'sanction', 'renamed', 'expiring')
                   NOT NULL,
    event_key      VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'one event is told once on one channel',
    channel        ENUM('mail', 'sms') NOT NULL,
    enterprise_id  BIGINT UNSIGNED NOT NULL,
    contact_id     BIGINT UNSIGNED NOT NULL,
    matter_id      BIGINT UNSIGNED NULL COMMENT 'what it is about',
    from_day       DATE NULL COMMENT 'or certificates that end in these days',
    until_day      DATE NULL,
    address_sealed VARBINARY(512) NOT NULL COMMENT 'as of then, sealed for the table contact',
    address_hash   BINARY(32) NOT NULL,
    state          ENUM('waiting', 'leased', 'sent', 'failed', 'dropped') NOT NULL,
    attempts       SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    run_at         DATETIME(3) NOT NULL COMMENT 'not before; of a leased one the end of its lease',
    lease          BINARY(16) NULL,
    owner          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'host and slot',
    cause          VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL
        COMMENT 'of the last failure, or why nothing was sent; no personal data',
    created_at     DATETIME(3) NOT NULL,
    sent_at        DATETIME(3) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY outbox_event (event_key, channel),
    KEY outbox_queue (state, run_at, id),
    KEY outbox_list (state, id),
    KEY outbox_lease (lease),
    KEY outbox_address (address_hash, event, created_at),
    KEY outbox_enterprise (enterprise_id, event, created_at),
    KEY outbox_contact (contact_id, event, until_day),
    KEY outbox_age (created_at, state)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'messages to firms, written by the transaction of what they tell'
