ALTER TABLE audit_event
    ADD KEY audit_event_actor (actor_kind, actor_id, happened_at),
    ADD KEY audit_event_action (action, happened_at),
    ADD KEY audit_event_matter (matter_id, happened_at)
