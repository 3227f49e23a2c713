ALTER TABLE certificate
    ADD KEY certificate_name (enterprise_id, state, enterprise_name),
    ADD KEY certificate_post (enterprise_id, post, state)
