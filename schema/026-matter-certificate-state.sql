ALTER TABLE matter_certificate
    ADD state ENUM('waiting', 'done', 'failed') NOT NULL DEFAULT 'done'
        COMMENT 'of a matter that takes its certificates one by one',
    ADD cause VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'why it failed',
    ADD KEY matter_certificate_state (matter_id, state, certificate_id)
