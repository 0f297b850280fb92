-- A result is claimed and arrives: each of the two changed every index that knows its state. What these two led is asked for
-- seldom, or looks at no more than what is on its way.
DROP INDEX deliveries_due;
DROP INDEX deliveries_leased;
-- Of an integration's deliveries few are on their way or stopped, and only those are looked for by their state.
DROP INDEX deliveries_by_integration;
CREATE INDEX deliveries_of_integration ON deliveries (integration_id, kind);
CREATE INDEX deliveries_sending ON deliveries (integration_id, kind, lease_until) WHERE state = 'sending';
CREATE INDEX deliveries_stopped ON deliveries (integration_id, state) WHERE state IN ('parked', 'given_up');
