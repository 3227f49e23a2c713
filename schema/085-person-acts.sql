ALTER TABLE person
    ADD acts INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'grows with each lock of the person: two nodes of a cluster meet in a row that both write'
