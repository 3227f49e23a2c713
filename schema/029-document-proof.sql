ALTER TABLE document
    MODIFY intent_id BIGINT UNSIGNED NULL COMMENT 'NULL: not sealed by the authority (a form)',
    ADD proof_id BIGINT UNSIGNED NOT NULL DEFAULT 0
        COMMENT 'the matter whose document this is; 0: a certificate''s',
    DROP KEY document_subject,
    ADD UNIQUE KEY document_subject (kind, certificate_id, version, proof_id)
