ALTER TABLE certificate
    DROP KEY certificate_name,
    ADD KEY certificate_name (enterprise_id, state, enterprise_name, valid_until, pending_matter_id)
