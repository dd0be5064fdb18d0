import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { ErrorHandlerService } from '@core/services/error-handler.service';
import { map, merge, of, switchMap, timer } from 'rxjs';

const VISIBLE_MS = 12_000;

/** Shows the latest error for a while, with the id that support will ask for. */
@Component({
  selector: 'tp-error-display',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (error$ | async; as error) {
      <aside class="tp-toast" role="alert">
        {{ error.key | translate }}
        @if (error.requestId) {
          <code>{{ error.requestId }}</code>
        }
      </aside>
    }
  `,
})
export class ErrorDisplayComponent {
  readonly error$ = inject(ErrorHandlerService).errors$.pipe(
    switchMap((error) => merge(of(error), timer(VISIBLE_MS).pipe(map(() => null)))),
  );
}
