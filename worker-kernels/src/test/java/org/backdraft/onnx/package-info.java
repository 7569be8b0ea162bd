/**
 * The operator cases of ONNX, run through networks: start with {@link
 * org.backdraft.onnx.OnnxNodeTest}. The files are read by a minimal reader of protocol buffers.
 */
package org.backdraft.onnx;
