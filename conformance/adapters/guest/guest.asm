; A guest without an operating system: it says what its keyboard and its pointer do, and draws when it is told to.
;
; Built here with `nasm -f bin guest.asm -o guest.img`, of this file and the three it includes: the devices that it
; hears, the pictures that it draws, a film. The image is a disk of a few sectors. The BIOS loads the first, which loads the others. All of
; it runs in real mode, where the BIOS can still set video modes.
;
; It is driven line by line over the first serial port, and answers every line with "ok", or "no", and the line:
;
;   hello ANYTHING      ready?
;   pointer absolute    takes the VMware pointer: SPICE goes to client mouse mode
;   pointer relative    gives it back: SPICE goes to server mouse mode
;   animate N           fills N rectangles, one each tick of the BIOS clock (18.2 Hz), and says "drawn" after the last; in
;                       mode 13h (320x200, 256 colours), unless another was asked for
;   mode W H BITS       a picture of this size all over, with 8 (palette), 15, 16, 24 or 32 bits a pixel; in it animate draws
;   film N              after a mode of 32 bits: N frames of 256x320 in the upper left, one each tick, all of whose pixels change;
;                       says "drawn" after the last
;   palette N           other colours of the 256: those of the palette that mode sets, turned by N
;   text                the text mode it began in (720x400)
;   leds N              keyboard lamps: 1 scroll lock, 2 num lock, 4 caps lock
;
; On its own it says:
;
;   K 1E                a byte from the keyboard, scan code set 1
;   M 28 05 FA 00       a packet from the mouse: flags, dx, dy (upwards), wheel and buttons 4 and 5
;   m 08 01 00 00       the same while it has the VMware pointer; that device rings with a packet like this one each time
;   V bbbbbbbb xxxxxxxx yyyyyyyy zzzzzzzz    the VMware pointer: buttons, x and y of 65536, wheel

        cpu 486
        bits 16
        org 0x7C00

LOADED          equ 4                   ; sectors after the first

SERIAL          equ 0x3F8
KEYBOARD_DATA   equ 0x60
KEYBOARD_STATUS equ 0x64
BIOS_TICKS      equ 0x46C               ; segment 0

BACKDOOR        equ 0x5658
BACKDOOR_MAGIC  equ 0x564D5868
POINTER_DATA    equ 39
POINTER_STATUS  equ 40
POINTER_COMMAND equ 41
POINTER_ENABLE  equ 0x45414552
POINTER_ABSOLUTE equ 0x53424152
POINTER_RELATIVE equ 0x4C455252
POINTER_DISABLE equ 0xF5

DISPLAY         equ 0x1CE               ; the number of a register; its value goes to the port behind
DISPLAY_WIDTH   equ 1
DISPLAY_HEIGHT  equ 2
DISPLAY_BITS    equ 3
DISPLAY_ON      equ 4
DISPLAY_BANK    equ 5                   ; which 64 KiB of the picture are seen at A0000
DISPLAY_TOP     equ 9                   ; the row with which it begins
PALETTE         equ 0x3C8

MOUSE_PACKET    equ 4
LINE_SIZE       equ 40

; ---- first sector: load the rest -------------------------------------------------------------------------------------

        cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0xA000                  ; pages away from the program: code beside a stack is slow in QEMU
        sti
        jmp 0:load
load:
        mov ah, 0x42                    ; by block number: a disk this small has no geometry. DL is still the drive
        mov si, disk_packet
        int 0x13
        jnc program
        mov si, text_unreadable
        call print
.stop:
        hlt
        jmp .stop

        align 4
disk_packet:
        db 16, 0
        dw LOADED
        dw 0x7E00, 0
        dq 1

; ---- serial line -----------------------------------------------------------------------------------------------------

; AL goes out; all registers are kept.
put:
        push dx
        push ax
        mov dx, SERIAL + 5
.wait:
        in al, dx
        test al, 0x20
        jz .wait
        pop ax
        mov dx, SERIAL
        out dx, al
        pop dx
        ret

; The text at SI, up to its zero byte.
print:
        lodsb
        test al, al
        jz .end
        call put
        jmp print
.end:
        ret

; AL as two digits.
print_byte:
        push ax
        shr al, 4
        call .digit
        pop ax
.digit:
        and al, 15
        cmp al, 10
        sbb al, 0x69                    ; 0-9 and A-F to ASCII
        das
        jmp put

; EAX as eight digits.
print_double:
        push cx
        mov cx, 4
.next:
        rol eax, 8
        push eax
        call print_byte
        pop eax
        loop .next
        pop cx
        ret

print_space:
        mov al, ' '
        jmp put

print_end:
        mov al, 10
        jmp put

        times 510 - ($ - $$) db 0
        dw 0xAA55

; ---- second sector and on --------------------------------------------------------------------------------------------

program:
        cli
        cld
        mov word [4 * 0x09], wake       ; keyboard, line 1
        mov word [4 * 0x09 + 2], 0
        mov word [4 * 0x0C], wake       ; serial port, line 4
        mov word [4 * 0x0C + 2], 0
        mov word [4 * 0x74], wake_slave ; mouse, line 12
        mov word [4 * 0x74 + 2], 0
        in al, 0x21
        and al, ~(1 << 0 | 1 << 1 | 1 << 2 | 1 << 4) & 0xFF
        out 0x21, al
        in al, 0xA1
        and al, ~(1 << 4) & 0xFF
        out 0xA1, al

        mov dx, SERIAL + 3              ; 115200 baud, 8 bits, no parity
        mov al, 0x80
        out dx, al
        mov dx, SERIAL
        mov al, 1
        out dx, al
        inc dx
        xor al, al
        out dx, al
        mov dx, SERIAL + 3
        mov al, 3
        out dx, al
        dec dx
        mov al, 7                       ; queues on, and empty
        out dx, al
        mov dx, SERIAL + 4
        mov al, 0x0B                    ; the port may interrupt
        out dx, al
        mov dx, SERIAL + 1
        mov al, 1                       ; when a byte has come
        out dx, al

        call start_mouse
        mov si, text_ready
        call print

; Everything that waits is taken with interrupts off; so none is lost between the last look and the halt.
main:
        cli
        xor bp, bp                      ; how many things were done
        call poll_serial
        call poll_keyboard
        call poll_pointer
        call poll_animation
        sti
        test bp, bp
        jnz main
        hlt
        jmp main

; Interrupts only end the halt; what they announce is polled.
wake_slave:
        push ax
        mov al, 0x20
        out 0xA0, al
        out 0x20, al
        pop ax
        iret
wake:
        push ax
        mov al, 0x20
        out 0x20, al
        pop ax
        iret

; ---- commands --------------------------------------------------------------------------------------------------------

poll_serial:
        mov dx, SERIAL + 5
        in al, dx
        test al, 1
        jz .end
        inc bp
        mov dx, SERIAL
        in al, dx
        cmp al, 13
        je poll_serial
        mov bx, [line_length]
        cmp al, 10
        je .whole
        cmp bx, LINE_SIZE - 1
        jae poll_serial
        mov [line_read + bx], al
        inc word [line_length]
        jmp poll_serial
.whole:
        mov byte [line_read + bx], 0
        mov word [line_length], 0
        call obey
        jmp poll_serial
.end:
        ret

; Finds the line in the table and calls what stands beside it, with SI behind the name.
obey:
        mov bx, commands
.next:
        mov di, [bx]
        test di, di
        jz .unknown
        mov si, line_read
.compare:
        mov al, [di]
        test al, al
        jz .found
        cmp al, [si]
        jne .other
        inc si
        inc di
        jmp .compare
.other:
        add bx, 4
        jmp .next
.found:
        call [bx + 2]
        mov si, text_ok
        jmp .answer
.unknown:
        mov si, text_no
.answer:
        call print
        mov si, line_read
        call print
        jmp print_end

; The decimal number at SI, in CX.
number:
        xor cx, cx
.next:
        lodsb
        sub al, '0'
        cmp al, 9
        ja .end
        imul cx, 10
        mov ah, 0
        add cx, ax
        jmp .next
.end:
        ret

nothing:
        ret

%include "devices.asm"
%include "pictures.asm"
%include "film.asm"

; ---- tables and state ------------------------------------------------------------------------------------------------

commands:
        dw name_hello, nothing
        dw name_absolute, pointer_absolute
        dw name_relative, pointer_relative
        dw name_animate, animate
        dw name_film, film
        dw name_mode, mode
        dw name_palette, palette
        dw name_text, text_mode
        dw name_leds, set_leds
        dw 0

name_hello      db "hello ", 0
name_absolute   db "pointer absolute", 0
name_relative   db "pointer relative", 0
name_animate    db "animate ", 0
name_film       db "film ", 0
name_mode       db "mode ", 0
name_palette    db "palette ", 0
name_text       db "text", 0
name_leds       db "leds ", 0

text_ready      db "ready", 10, 0
text_ok         db "ok ", 0
text_no         db "no ", 0
text_drawn      db "drawn", 10, 0
text_unreadable db "unreadable", 10, 0

; Three sample rates are the knock that turns the mouse into one with a wheel, three more into one with five buttons (QEMU
; needs no question for its id after them). Then reports on.
mouse_start     db 0xF6, 0xF3, 200, 0xF3, 100, 0xF3, 80, 0xF3, 200, 0xF3, 200, 0xF3, 80, 0xF4, 0

line_length     dw 0
packet_length   dw 0
to_draw         dw 0
drawn           dw 0
last_tick       dw 0
width           dw 0
height          dw 0
pixel_size      dw 0                    ; bytes
bank            dw 0
area_left       dw 0
area_top        dw 0
area_width      dw 0
area_height     dw 0
step_right      dd 0                    ; from the colour of a pixel to that of the next
step_down       dd 0
is_absolute     db 0
graphics        db 0
films           db 0                    ; whether frames are drawn, and no rectangles
soft            db 0                    ; whether colours change inside of a rectangle
packet_bytes    times MOUSE_PACKET db 0
line_read       times LINE_SIZE db 0

        times 512 * (1 + LOADED) - ($ - $$) db 0
