-- A plugin knows no projects: what one project has of it no other one gets, not even of two that ask at the same moment.
create unique index volume_plugged on volume (driver, name) where driver <> 'local';
