/** Where the server has the thumbnail of a picture of the gallery. */
export function thumbnailUrl(id: string): string {
  return `/api/thumbnails/${encodeURIComponent(id)}`;
}
