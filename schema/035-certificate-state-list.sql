ALTER TABLE certificate
    ADD KEY certificate_state (enterprise_id, state, id, valid_until),
    DROP KEY certificate_holder,
    ADD KEY certificate_holder (enterprise_id, holder_name, id, state, valid_until)
