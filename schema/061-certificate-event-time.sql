ALTER TABLE certificate_event ADD KEY certificate_event_time (happened_at, action)
