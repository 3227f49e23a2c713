ALTER TABLE identity_capture
    ADD KEY identity_capture_age (captured_at, person_id);
