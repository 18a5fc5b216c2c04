package io.longshore.acceptance.cli;

import io.longshore.acceptance.running.OnStorageDriver;

/** The same cases with the storage driver vfs, on both engines. */
@OnStorageDriver("vfs")
@OneForm
class VfsDiffExportCommitCliRootIT extends DiffExportCommitCliRootIT {}
