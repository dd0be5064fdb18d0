import { ChangeDetectionStrategy, Component } from '@angular/core';
import { environment } from '@env';

@Component({
  selector: 'tp-footer',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<footer class="tp-footer">{{ 'footer.version' | translate: { release } }}</footer>`,
})
export class FooterComponent {
  readonly release = environment.release;
}
