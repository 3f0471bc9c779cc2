export { buildImages, type BuildImagesOptions } from "./build-images.ts"
export type { Image } from "./image.ts"
export { type Source, sourceOf } from "./source.ts"
export { type PodmanOptions, PodmanStorage } from "./podman-storage.ts"
