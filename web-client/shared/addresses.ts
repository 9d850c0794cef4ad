/** Where the server has the thumbnail of a picture. */
export function thumbnailUrl(id: string): string {
  return `api/thumbnails/${encodeURIComponent(id)}`;
}
