-- Containers that are linked to others: few, and asked for with each list, which shows a container under the names that others have for it.
create index container_linked on container (project) where spec -> 'network' -> 'links' <> '[]'::jsonb;
