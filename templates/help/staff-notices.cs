<?cs include:"macros.cs" ?><?cs set:Title = "公告 - 操作手册" ?><?cs def:content() ?><div class="text"><p class="back"><a href="/help/">返回操作手册</a></p>
<h1>公告</h1>
<p class="lead">向所有企业发布的公告，在有效期内显示在企业首页和系统的欢迎页上。由审核人员或管理员起草。</p>
<ol class="steps"><li>在左侧菜单点击“公告”，再点击“起草公告”。<li>填写标题和内容。内容是纯文字，空一行另起一段。<li>选择从哪一天显示到哪一天（含当日）。重要公告排在最前，以红色标出。<li>点击“预览”，看到企业将看到的样子。<li>点击“发布”，或“返回修改”。</ol>
<?cs call:picture("oversight-notice-form", "填写公告") ?>
<?cs call:picture("oversight-notice-firm", "企业首页上的公告") ?>
<ul><li>还没有开始的公告可以修改或取消；已经开始的不能修改，可以提前结束，另发一条；<li>同时显示的公告至多 5 条；<li>每一稿的内容、起草人和时间都保留，结束的公告也可以查看。</ul>
<p class="note">未登录的人也能在欢迎页上看到公告，请不要写入不宜公开的内容。</p>
</div>
<?cs /def ?><?cs include:"layout.cs" ?>
