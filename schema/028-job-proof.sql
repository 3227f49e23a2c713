ALTER TABLE job
    MODIFY kind ENUM('certificate', 'departure', 'cancellation', 'form') NOT NULL,
    ADD proof_id BIGINT UNSIGNED NOT NULL DEFAULT 0
        COMMENT 'the matter whose document this is; 0: a certificate''s',
    DROP KEY job_subject,
    ADD UNIQUE KEY job_subject (kind, certificate_id, version, proof_id)
