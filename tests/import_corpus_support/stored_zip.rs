//! Zip files for tests. Compiled into the tests of the crate as well (`import::archive`).

/// A zip file of members that are stored as they are, with their checksums.
pub(crate) fn stored_zip<P: AsRef<str>, B: AsRef<[u8]>>(members: &[(P, B)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (path, bytes) in members {
        let (path, bytes) = (path.as_ref(), bytes.as_ref());
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc.sum().to_le_bytes());
        common.extend([(bytes.len() as u32).to_le_bytes(); 2].concat());
        common.extend((path.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend((file.len() as u32).to_le_bytes());
        directory.extend(path.as_bytes());
        file.extend(b"PK\x03\x04");
        file.extend(common);
        file.extend(path.as_bytes());
        file.extend_from_slice(bytes);
    }
    let (place, size, count) = (file.len() as u32, directory.len() as u32, members.len() as u16);
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count.to_le_bytes(); 2].concat());
    file.extend([size.to_le_bytes(), place.to_le_bytes()].concat());
    file.extend([0, 0]);
    file
}
