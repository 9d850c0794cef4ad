/**
 * Switches off the telemetry of ONNX Runtime, because nothing here may call home. Builds from 1.29 on upload events
 * from their own thread, which also makes an ending process crash with a segmentation fault. ONNX Runtime reads the
 * variable once, when its library loads, so import this module first; child processes inherit the variable.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
