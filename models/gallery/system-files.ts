/**
 * Names under which systems, network disks and editors keep what is no picture of the user's: deleted files, earlier
 * versions, thumbnails, half-written files. Patterns as in .gitignore, without regard to case. Names that begin with a
 * dot are passed over anyway.
 */
export const SYSTEM_FILES: readonly string[] = [
  // Deleted files: Synology, Windows, QNAP and Asustor, Buffalo, macOS servers, digiKam, Nextcloud.
  '\\#recycle/',
  '$RECYCLE.BIN/',
  'RECYCLER/',
  'RECYCLED/',
  '@Recycle/',
  'Recycle Bin/',
  'trashbox/',
  'Network Trash Folder/',
  'Trash-[0-9]*/',
  'files_trashbin/',
  'lost+found/',
  'FOUND.[0-9][0-9][0-9]/',
  // Earlier versions: Synology, QNAP, NetApp, Nextcloud, GoodSync, FreeFileSync.
  '\\#snapshot/',
  '@Recently-Snapshot/',
  '~snapshot/',
  'files_versions/',
  '_gsdata_/',
  '*.ffs_tmp',
  // Thumbnails and previews: Synology, QNAP, Lightroom, Capture One, Apple Photos and Aperture, Nextcloud.
  '@eaDir/',
  '@__thumb/',
  '*.lrdata/',
  'CaptureOne/Cache/',
  '*.photoslibrary/resources/',
  '*.photoslibrary/Thumbnails/',
  '*.aplibrary/Thumbnails/',
  '*.aplibrary/Previews/',
  'appdata_*/preview/',
  'Thumbs.db',
  'ehthumbs*.db',
  // Folders of systems: Windows, Synology, QNAP, archives made on macOS, file servers for it.
  'System Volume Information/',
  '$Extend/',
  '$WinREAgent/',
  '@tmp/',
  '@SynoResource/',
  '@Transcode/',
  '__MACOSX/',
  'Temporary Items/',
  'TheVolumeSettingsFolder/',
  // Editors' copies, and files on their way: Unix editors, Emacs, browsers, transfers.
  '*~',
  '\\#*\\#',
  '~$*',
  '~syncthing~*',
  '*.bak',
  '*.orig',
  '*.tmp',
  '*.temp',
  '*.swp',
  '*.part',
  '*.partial',
  '*.crdownload',
  '*.download/',
  '*.filepart',
];
