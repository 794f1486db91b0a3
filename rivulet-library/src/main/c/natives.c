/*
** What Java cannot do fast by itself: LZ4 blocks and memory outside the heap.
** The Java side is dev.rivulet.natives; it has checked every range before it calls.
*/
#include <jni.h>
#include <lz4.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define METHOD(type, class, name) \
  JNIEXPORT type JNICALL Java_dev_rivulet_natives_##class##_##name

static inline void *pointer(jlong address) { return (void *)(intptr_t)address; }

METHOD(jlong, NativeMemory, allocate0)(JNIEnv *env, jclass c, jlong bytes) {
  (void)env; (void)c;
  void *p = NULL;
  return posix_memalign(&p, 64, (size_t)bytes) == 0 ? (jlong)(intptr_t)p : 0;
}

METHOD(void, NativeMemory, free0)(JNIEnv *env, jclass c, jlong address) {
  (void)env; (void)c;
  free(pointer(address));
}

METHOD(void, NativeMemory, copy0)(JNIEnv *env, jclass c, jlong from, jlong to, jlong length) {
  (void)env; (void)c;
  memcpy(pointer(to), pointer(from), (size_t)length);
}

METHOD(void, NativeMemory, fill0)(JNIEnv *env, jclass c, jlong to, jlong length) {
  (void)env; (void)c;
  memset(pointer(to), 0, (size_t)length);
}

METHOD(jbyte, NativeMemory, readByte0)(JNIEnv *env, jclass c, jlong from) {
  (void)env; (void)c;
  return *(jbyte *)pointer(from);
}

METHOD(void, NativeMemory, writeByte0)(JNIEnv *env, jclass c, jlong to, jbyte value) {
  (void)env; (void)c;
  *(jbyte *)pointer(to) = value;
}

METHOD(void, NativeMemory, read0)(JNIEnv *env, jclass c, jlong from, jbyteArray to, jint offset, jint length) {
  (void)c;
  (*env)->SetByteArrayRegion(env, to, offset, length, pointer(from));
}

METHOD(void, NativeMemory, write0)(JNIEnv *env, jclass c, jbyteArray from, jint offset, jint length, jlong to) {
  (void)c;
  (*env)->GetByteArrayRegion(env, from, offset, length, pointer(to));
}

METHOD(jint, Lz4, decodeToMemory0)(JNIEnv *env, jclass c, jbyteArray from, jint offset, jint length, jlong to, jint capacity) {
  (void)c;
  char *src = (*env)->GetPrimitiveArrayCritical(env, from, NULL);
  if (src == NULL) return -1;
  jint n = LZ4_decompress_safe(src + offset, pointer(to), length, capacity);
  (*env)->ReleasePrimitiveArrayCritical(env, from, src, JNI_ABORT);
  return n;
}

METHOD(jint, Lz4, decode0)(JNIEnv *env, jclass c, jbyteArray from, jint offset, jint length,
                           jbyteArray to, jint toOffset, jint capacity) {
  (void)c;
  char *src = (*env)->GetPrimitiveArrayCritical(env, from, NULL);
  if (src == NULL) return -1;
  char *dst = (*env)->GetPrimitiveArrayCritical(env, to, NULL);
  jint n = -1;
  if (dst != NULL) {
    n = LZ4_decompress_safe(src + offset, dst + toOffset, length, capacity);
    (*env)->ReleasePrimitiveArrayCritical(env, to, dst, 0);
  }
  (*env)->ReleasePrimitiveArrayCritical(env, from, src, JNI_ABORT);
  return n;
}

METHOD(jint, Lz4, decodeLinked0)(JNIEnv *env, jclass c, jbyteArray from, jint offset, jint length,
                                 jbyteArray to, jint toOffset, jint capacity, jint history) {
  (void)c;
  char *src = (*env)->GetPrimitiveArrayCritical(env, from, NULL);
  if (src == NULL) return -1;
  char *dst = (*env)->GetPrimitiveArrayCritical(env, to, NULL);
  jint n = -1;
  if (dst != NULL) {
    dst += toOffset;
    n = LZ4_decompress_safe_usingDict(src + offset, dst, length, capacity, dst - history, history);
    (*env)->ReleasePrimitiveArrayCritical(env, to, dst - toOffset, 0);
  }
  (*env)->ReleasePrimitiveArrayCritical(env, from, src, JNI_ABORT);
  return n;
}

METHOD(jint, Lz4, encode0)(JNIEnv *env, jclass c, jbyteArray from, jint offset, jint length,
                           jbyteArray to, jint toOffset, jint capacity) {
  (void)c;
  char *src = (*env)->GetPrimitiveArrayCritical(env, from, NULL);
  if (src == NULL) return 0;
  char *dst = (*env)->GetPrimitiveArrayCritical(env, to, NULL);
  jint n = 0;
  if (dst != NULL) {
    n = LZ4_compress_default(src + offset, dst + toOffset, length, capacity);
    (*env)->ReleasePrimitiveArrayCritical(env, to, dst, 0);
  }
  (*env)->ReleasePrimitiveArrayCritical(env, from, src, JNI_ABORT);
  return n;
}
