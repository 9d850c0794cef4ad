/**
 * Switches off the telemetry of ONNX Runtime: builds from 1.29 on upload events from a thread of their own, which a process
 * that ends meets half torn down (it dies of a segmentation fault), and nothing here may call home. ONNX Runtime reads the
 * variable once, when its library is loaded, so this module is imported before it; child processes inherit it.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
