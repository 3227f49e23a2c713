ALTER TABLE outbox ADD KEY outbox_matter (matter_id)
